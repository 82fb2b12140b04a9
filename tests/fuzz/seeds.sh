#!/bin/sh
# seeds.sh FOLDER TRACE...: what a fuzz target starts from, made of traces that ns wrote. Two lines
# that differ in numbers alone are of one shape; each shape gives a file in FOLDER/line. FOLDER/file
# holds the traces, each once for every way in which fuzz_file.c hands it to the reader.
set -eu
folder=$1
shift
rm -rf "$folder"
mkdir -p "$folder/line" "$folder/file"
awk -v folder="$folder/line" '{
    shape = $0
    gsub(/[0-9a-f]*[0-9][0-9a-f]*/, "9", shape)
    if (shape in seen)
        next
    seen[shape] = 1
    file = sprintf("%s/%04d", folder, ++n)
    printf "%s", $0 >file
    close(file)
}' "$@"
for trace; do
    name=$(basename "$trace" .tr)
    for source in p i s z; do
        { printf '%s\100' $source && head -n 12 "$trace"; } >"$folder/file/$name-$source"
    done
    { printf 'w\377' && head -n 3 "$trace"; } >"$folder/file/$name-w"
    { printf 'g\100' && head -n 12 "$trace" | gzip -n; } >"$folder/file/$name-g"
done
