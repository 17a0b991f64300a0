# shellcheck shell=bash
# What script/backup and script/restore share; sourced, not run. `me` is the script's name, `root`
# the checkout. They stay in the caller's folder, where paths begin and `personaworlds up` may run.

FILES=(manifest.json database.dump SHA256SUMS) # of a backup

fail() { # SENTENCE [EXIT CODE]
  echo "$me: failed: $1" >&2
  exit "${2:-1}"
}

usage() { "$root/script/help" "${me#script/}" >&2; exit 3; }

say() { echo "$me: $*" >&2; }

# What a program said of its error: the first line that has one, else its last.
reason() { # FILE
  { grep -m 1 -E '(error|fatal|ERROR|FATAL):' "$1" || grep -v '^[[:space:]]*$' "$1" | tail -n 1; } |
    sed -E 's/^[a-z_]+: (error: |fatal: )?//; s/could not execute query: //; s/(ERROR|FATAL):  //'
}

# ---- which database ----

# One setting of a file as systemd and compose have it; nothing in it is run.
setting_in() { # FILE NAME
  sed -nE "s/^[[:space:]]*(export )?$2=//p" "$1" | tail -n 1 | sed -E "s/^'(.*)'\$/\1/; s/^\"(.*)\"\$/\1/"
}

# The owner's URL, from a file of settings, the environment, or the `up` that runs in this folder.
url_of_settings() { # [FILE]
  local name file url=
  for name in DATABASE_OWNER_URL DATABASE_DIRECT_URL DATABASE_URL; do
    file=${name}_FILE
    if [ -n "${1:-}" ]; then url=$(setting_in "$1" $name)
    elif [ -n "${!name:-}" ]; then url=${!name}
    elif [ -n "${!file:-}" ]; then url=$(cat "${!file}")
    fi
    [ -z "$url" ] || { echo "$url"; return; }
  done
  [ -n "${1:-}" ] || [ ! -r .personaworlds/stack.json ] ||
    jq -r '.settings.DATABASE_OWNER_URL // empty' .personaworlds/stack.json
}

# Sets `url`, without its password, which goes by the environment: everybody on this machine can
# read arguments.
use_database() { # URL
  url=$1
  export PGCONNECT_TIMEOUT=${PGCONNECT_TIMEOUT:-10} PGAPPNAME=${me#script/}
  [[ $url =~ ^(postgres(ql)?://[^:/@?]*):([^/@]*)@(.*)$ ]] || return 0
  local password=${BASH_REMATCH[3]}
  url=${BASH_REMATCH[1]}@${BASH_REMATCH[4]}
  password=${password//\\/\\\\}
  PGPASSWORD=$(printf '%b' "${password//%/\\x}")
  export PGPASSWORD
}

beside() { # NAME: the URL of another database on the same server
  case $url in
    postgres*://*\?*) echo "$url&dbname=$1" ;;
    postgres*://*) echo "$url?dbname=$1" ;;
    *) echo "$url dbname=$1" ;;
  esac
}

ask() { # URL SQL [PSQL OPTION...]: rows, a line each, columns by tabs
  psql -X -q -A -t -F $'\t' -v ON_ERROR_STOP=1 -d "$1" "${@:3}" 2>"$work/said" <<<"$2"
}

# ---- processes of this script's ----

# In place of a subshell: it ends with this script, however that ends.
bound() { exec setpriv --pdeathsig TERM "$@"; }

# Postgres refuses root. SIGQUIT is its shutdown for when nothing is to be kept.
bound_postgres() {
  if [ "$(id -u)" = 0 ]; then
    exec setpriv --reuid postgres --regid postgres --clear-groups --pdeathsig QUIT "$@"
  fi
  exec setpriv --pdeathsig QUIT "$@"
}

# Waits for a child; on a terminal it shows meanwhile how long that takes.
await() { # PID WHAT
  local began=$SECONDS
  while [ -t 2 ] && kill -0 "$1" 2>/dev/null; do
    [ $((SECONDS - began)) -lt 2 ] || printf '\r%s ... %s s ' "$2" $((SECONDS - began)) >&2
    sleep 0.2
  done
  [ ! -t 2 ] || printf '\r\033[K' >&2
  wait "$1"
}

# ---- a Postgres to look into a backup with ----

newest_postgres() { # the folder of its programs
  local found
  found=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
  [ -x "$found/initdb" ] || found=$(dirname "$(command -v initdb)" 2>/dev/null) || return 1
  echo "$found"
}

# A server in a folder of its own, for the time of this script; sets `scratch` and `scratch_url`.
start_scratch() {
  local programs place=${TMPDIR:-/var/tmp} old
  programs=$(newest_postgres) || fail "there is no Postgres here to look into the backup with: install postgresql"
  for old in "$place"/personaworlds-check.*; do # what a killed one left
    [ ! -e "$old/lock" ] || flock -n "$old/lock" rm -rf "$old" || true
  done
  scratch=$(mktemp -d "$place/personaworlds-made.XXXXXX")
  exec 8>"$scratch/lock"
  flock 8
  mv -T "$scratch" "${scratch/-made./-check.}" # locked from its first moment on
  scratch=${scratch/-made./-check.}
  [ "$(id -u)" != 0 ] || chown postgres: "$scratch"
  (bound_postgres "$programs/initdb" -D "$scratch/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync \
    --no-instructions) >"$scratch/log" 2>&1 ||
    fail "no Postgres could be made to look into the backup with: $(reason "$scratch/log")"
  bound_postgres "$programs/postgres" -D "$scratch/data" -k "$scratch" -c listen_addresses= -c fsync=off \
    -c full_page_writes=off -c autovacuum=off -c max_wal_size=4GB -c wal_level=minimal -c max_wal_senders=0 \
    -c max_locks_per_transaction=4096 \
    >>"$scratch/log" 2>&1 &
  scratch_pid=$!
  scratch_url="host=$scratch user=postgres dbname=postgres"
  until ask "$scratch_url" "SELECT" >/dev/null; do
    kill -0 $scratch_pid 2>/dev/null ||
      fail "no Postgres could be started to look into the backup with: $(reason "$scratch/log")"
    sleep 0.05
  done
}

stop_scratch() {
  [ -z "${scratch_pid:-}" ] || { kill -QUIT "$scratch_pid" 2>/dev/null && wait "$scratch_pid" 2>/dev/null || true; }
  [ -z "${scratch:-}" ] || rm -rf "$scratch"
  scratch='' scratch_pid=''
}

# ---- what is in a database ----

# Name and number of rows of every table, by tabs.
COUNT_ROWS="SELECT format('SELECT %L, count(*) FROM %s', relname, c.oid::regclass) FROM pg_class c
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY relname \\gexec"

rows_as_json() { # of those lines
  jq -Rn '[inputs | split("\t") | {(.[0]): (.[1] | tonumber)}] | add // {}'
}

# ---- the program ----

find_program() {
  [ ! -x "$root/build/personaworlds" ] || { echo "$root/build/personaworlds"; return; }
  command -v personaworlds
}
