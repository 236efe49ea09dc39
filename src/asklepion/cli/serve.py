"""`asklepion serve` and `asklepion demo`."""

import os
from typing import Annotated

import typer

Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)]


def register(app: typer.Typer) -> None:
    app.command()(serve)
    app.command()(demo)


def serve(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    workers: Annotated[int, typer.Option(help="Processes. More than one needs PostgreSQL.", min=1)] = 1,
) -> None:
    """Start the server on the database of ASKLEPION_HOME or ASKLEPION_DATABASE_URL."""
    from asklepion.cli.start import migrate, ready
    from asklepion.core.errors import BadInput

    ready()
    if workers > 1 and not os.environ.get("ASKLEPION_DATABASE_URL"):
        raise BadInput("Several processes need PostgreSQL.", where="--workers", remedy="Set ASKLEPION_DATABASE_URL.")
    migrate()
    from asklepion.flows import accounts

    print(f"Asklepion is at http://{host}:{port}/ and Ctrl-C stops it.", flush=True)
    if not accounts.any_yet():
        print("There is no account yet, so nobody can sign in. Make the first at another terminal:", flush=True)
        print('  asklepion accounts create NAME --role administrator --name "PRINTED NAME"', flush=True)
    _listen(host, port, workers)


def demo(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    fill_only: Annotated[bool, typer.Option(help="Make the database and stop.")] = False,
    people: Annotated[
        int | None, typer.Option(help="How many simulated people; all of them without it.", min=3)
    ] = None,
) -> None:
    """Fill a clinic with simulated people, once, and start the server. What you enter is kept."""
    os.environ["ASKLEPION_DEMO"] = "1"
    os.environ.setdefault("ASKLEPION_HOME", "var/demo")
    os.environ.pop("ASKLEPION_DATABASE_URL", None)
    from asklepion.cli.start import migrate, progress, ready

    ready()
    migrate()
    from asklepion.flows import demo as clinic

    clinic.fill(progress("Simulated people"), people=people)
    if fill_only:
        return
    print(f"\nAsklepion is at http://{host}:{port}/\nEvery person in it is simulated. Ctrl-C stops it.\n")
    print(f"{'account':<16}{'password':<26}second factor")
    for login in clinic.logins():
        print(f"{login.username:<16}{login.password:<26}the page shows the present code of a demo account")
    print(flush=True)
    _listen(host, port, 1)


def _listen(host: str, port: int, workers: int) -> None:
    import socket

    import uvicorn

    from asklepion.core.errors import AsklepionError

    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise AsklepionError(
                f"Cannot listen on {host}:{port}: {error.strerror}.",
                remedy="Stop what listens there, or choose another --port.",
            ) from error
    uvicorn.run(
        "asklepion.web.asgi:application",
        host=host,
        port=port,
        workers=workers,
        log_level="warning",
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=5,
    )
