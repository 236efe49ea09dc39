#!/bin/sh
# Start or stop a throw-away PostgreSQL on 127.0.0.1 for tests: postgres.sh start DIR | stop DIR. `start` prints its address.
set -eu
command=$1
data=$2
bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
# PostgreSQL refuses to run as root.
if [ "$(id -u)" = 0 ]; then as="runuser -u postgres --"; else as=""; fi
case $command in
start)
    mkdir -p "$data"
    chmod 755 "$data"
    if [ "$(id -u)" = 0 ]; then chown postgres "$data"; fi
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    cd /
    $as "$bin/initdb" -D "$data/cluster" -A trust -U postgres -E UTF8 --no-sync >"$data.log" 2>&1
    $as "$bin/pg_ctl" -D "$data/cluster" -w -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=100 -c fsync=off" -l "$data/server.log" start >>"$data.log" 2>&1
    echo "postgresql://postgres@127.0.0.1:$port/postgres"
    ;;
stop)
    cd /
    $as "$bin/pg_ctl" -D "$data/cluster" -m immediate stop >/dev/null
    rm -rf "$data" "$data.log"
    ;;
esac
