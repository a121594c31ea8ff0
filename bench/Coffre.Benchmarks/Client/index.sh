#!/usr/bin/env bash
# Times questions to an index of 1,000,000 files in 10,000 folders: the native command from start to end, medians of RUNS (default 9).
# `bench/run index` builds command and server first, and starts this. It needs 1 GB under TMPDIR (default /tmp) and half a minute to fill.
# The rows are written straight into the file of the index, as a listing would leave them; nothing is asked of the server but its root, once.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
port=${PORT:-18977} runs=${RUNS:-9}

coffre=$PWD/artifacts/bench/coffre/coffre
place=$(mktemp -d) && server=
trap '[ -z "$server" ] || { kill "$server"; wait "$server" || true; } 2> /dev/null; rm -rf "$place"' EXIT
dotnet artifacts/bin/Coffre.Server/release/coffre-server.dll serve --data "$place/data" --port "$port" > "$place/log" 2>&1 & server=$!
for _ in $(seq 150); do grep -q cof_ "$place/log" && break; sleep 0.2; done
export HOME=$place XDG_STATE_HOME=$place/state XDG_CONFIG_HOME=$place/config COFFRE_URL=http://127.0.0.1:$port/
COFFRE_API_KEY=$(grep -o 'cof_[A-Za-z0-9_-]*' "$place/log" | head -n 1) && export COFFRE_API_KEY
"$coffre" ls > "$place/out"

# Every 50th file has one and the same content. mark is arbitrary elsewhere: only files of one mark are compared.
sqlite3 "$place"/state/coffre/index-*.db > "$place/out" << 'SQL'
begin;
delete from file; delete from folder; delete from twin; delete from held;
insert into folder (id, parent, name, listed) values (0, null, '', 1900000000000);
with recursive n(i) as (select 0 union all select i + 1 from n where i < 99)
  insert into folder (id, parent, name, created, listed) select 1000 + i, 0, printf('folder %05d', i), 1900000000000, 1900000000000 from n;
with recursive n(i) as (select 0 union all select i + 1 from n where i < 9899)
  insert into folder (id, parent, name, created, listed) select 2000 + i, 1000 + i % 100, printf('album %05d', i), 1900000000000, 1900000000000 from n;
with recursive n(i) as (select 0 union all select i + 1 from n where i < 999999)
  insert into file (folder, name, size, link, checksum, mark, arrived, type, flags)
  select iif(i / 100 < 100, 1000 + i / 100, 1900 + i / 100), printf('IMG_%07d.jpg', i), iif(i % 50 = 0, 12345, 1000 + i * 7919 % 9998000),
         printf('http://127.0.0.1:18977/?%020x', i), iif(i % 50 = 0, zeroblob(64), randomblob(64)), iif(i % 50 = 0, 0, random()),
         1900000000000 + i * 1000, 'image/jpeg', 0
  from n;
insert into twin (mark, size) values (0, 12345);
commit;
SQL
measure() {
    for _ in $(seq "$runs"); do
        local before=$EPOCHREALTIME
        "$coffre" "$@" --offline --quiet > "$place/out"
        echo "$(((${EPOCHREALTIME/./} - ${before/./}) / 1000))"
    done | sort -n > "$place/times"
    awk -v question="$*" -v hits="$(wc -l < "$place/out")" '{ ms[NR] = $1 } END {
        median = ms[int((NR + 1) / 2)]
        printf "| `%s` | %d | %d | %d to %d | %s |\n", question, hits, median, ms[1], ms[NR], median < 200 ? "kept" : "missed"
    }' "$place/times"
}

{
    echo "# The index of a million files"
    echo
    echo "$(lscpu | sed -n 's/^Model name: *//p'), $(nproc) processors; load $(cut -d ' ' -f 1 /proc/loadavg) before the first question. 1,000,000 files in 10,000 folders, a file of $(du -m "$place"/state/coffre/index-*.db | cut -f 1) MB."
    echo "The native command from start to end, \`--offline\`; medians of $runs runs. Goal: 200 ms. Written by \`bench/run index\`."
    echo
    echo "| question | lines | median ms | lowest to highest | goal |"
    echo "|---|---|---|---|---|"
    measure find IMG_0777777
    measure find --min-size 9998000
    measure du
    measure ls ':/folder 00005'
    measure tree --depth 1
    measure tree ':/folder 00005'
    measure dedupe
    sqlite3 "$place"/state/coffre/index-*.db "update file set checksum = randomblob(64), mark = random() where mark = 0 and id % 1000 <> 1" > "$place/out"
    measure dedupe
} > "$place/result"
cp "$place/result" bench/results/index.md
cat bench/results/index.md
