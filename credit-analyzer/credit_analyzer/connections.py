"""How many clients may be connected at once, and for how long without a request.

Each connection has one request in the house at most, so this is also the bound of the
queue under overload: as many requests as connections, and the memory that they take.
"""

import resource

# Ten thousand that idle, and two thousand that work.
MAX_CONNECTIONS = 12_000
# Files of everything else: libraries, the loop, scrapers.
OTHER_FILES = 128
# From the first byte of a request, or the end of the last answer, until the head of the
# request is there in full.
HEAD_SECONDS = 10
# Of a head, and of what is read ahead of a body.
HEAD_BYTES = 16 * 1024


def most_connections() -> int:
    """Allows this process and its children the files that connections need.

    Returns how many connections there may be: `MAX_CONNECTIONS`, or fewer if the system
    allows fewer files. One more would be refused by the kernel, again and again.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = MAX_CONNECTIONS + OTHER_FILES
    if hard != resource.RLIM_INFINITY:
        files = min(files, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))
    return max(1, files - OTHER_FILES)
