"""Posts as the sites themselves describe them, whichever program kept the description.

Belongs here: which fields of a site's own objects say what of a post. Zeeschuimer, 4CAT,
instaloader and gallery-dl hand on the same objects of TikTok, Instagram and X.
Does not: which program wrote a file and where it lies (vidpipe.uploads.metadata), or making sense
of a field's value (vidpipe.uploads.metadata.fields).
"""
