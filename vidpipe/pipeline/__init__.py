"""The pipeline: what is computed when, by whom, at most once.

| module      | what is inside                                                                |
|-------------|-------------------------------------------------------------------------------|
| `stages`    | the four stages under given settings, computed for given ingest dates         |
| `loop`      | what is missing is computed, recorded and committed                           |
| `recompute` | what is made anew although it has a result                                    |
| `outdated`  | what was made under other settings, and what making it anew would take        |
| `measured_work` | how fast each stage has been here                                         |
| `claims`    | no two runs compute one item at once                                          |
| `attempts`  | tries of items, written down before the work                                  |
| `contract`  | items, rows, the interface of a worker, what a stage is made of               |
| `engine`    | worker processes, their limits, what happens when one dies or hangs           |
| `spawning`  | how worker processes start                                                    |
| `workers`   | what each stage computes, one module a stage                                  |
| `snapshot`  | what the lake holds of given ingest dates                                     |

Does not: finding uploads (vidpipe.uploads), decoding (vidpipe.media), models (vidpipe.models),
publishing results to PostgreSQL (vidpipe.publication).
"""
