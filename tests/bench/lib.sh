# What the benchmarks' scripts share. A line "figure<TAB>what<TAB>measured<TAB>target<TAB>ratio<TAB>peak<TAB>met" goes into the table
# that run.sh ends with; "-" where there is none. All else that is printed is for who watches.
# shellcheck shell=bash
figure() { printf 'figure\t%s\t%s\t%s\t%s\t%s\t%s\n' "$@"; }
median() { sort -g | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
# met VALUE OP LIMIT: yes or no
met() { awk -v v="$1" -v l="$3" "BEGIN { print (v $2 l) ? \"yes\" : \"no\" }"; }
# timed FILE COMMAND...: adds "seconds KiB" to FILE; the KiB are the largest single process's
timed() {
	local file=$1
	shift
	command time -a -o "$file" -f '%e %M' "$@"
}
