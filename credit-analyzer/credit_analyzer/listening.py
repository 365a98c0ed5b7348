"""Where to listen: an address of this machine with a port that is free."""

import socket


def free_address(host: str, port: int) -> str:
    """The first address of `host` that is of this machine, if `port` is free there.

    A name may be that of several replicas. Raises `OSError` that names both if there is
    none. Granian would share a port that another process of this user listens on, and
    each would get some of the requests.
    """
    failures = []
    try:
        for address in socket.gethostbyname_ex(host)[2]:
            try:
                socket.create_server((address, port)).close()
            except OSError as error:
                failures.append(str(error))
            else:
                return address
    except OSError as error:  # nobody knows the name
        failures.append(str(error))
    raise OSError(f"cannot listen on {host}:{port}: {', '.join(failures)}")
