"""The documents are held to the code: commands, settings, links and SQL that they show exist.

Belongs here: reading Markdown (`markdown`), documents that a program writes (`generated`), and
tests that compare both with the code.
Does not: judging how a document reads.
"""
