"""What a text means, as numbers: two sentence encoders that run offline, and how alike what they say is.

    grades      which encoders there are here, and the tag of what they make     (no numpy, nothing is loaded)
    process     texts become vectors in a process of their own, which ends when nobody asks
    likeness    a pool of vectors: which are the most like this one, and how likely it is that they say the same

What runs in that process: `encoder`, over `e5` (with `e5_file`, `unigram`) and `use`. `files` knows where their data
lies, and that it is the data that we mean.
"""

import os

#: One core is enough for what is small, and quicker where others need the rest: numpy's threads wait for each other by
#: turning round and round. It reads this once, when it is imported, and nobody imports it before us.
ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL")}

for name, threads in ONE_THREAD.items():
    os.environ.setdefault(name, threads)
