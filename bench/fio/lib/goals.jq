# SPDX-License-Identifier: GPL-2.0
# What is wanted of the figures, as far as there are rows for it: for each goal whether it is met, what it is about, the
# figure, and what was wanted.

def told: . * 1000 | round / 1000;

def goal($what; $figure; $met; $wanted):
	if $figure == null then empty else [if $met then "met" else "missed" end, $what, ($figure | told), $wanted] end;
def at_most($what; $figure; $bound): goal($what; $figure; $figure <= $bound; "at most \($bound | told)");
def at_least($what; $figure; $bound): goal($what; $figure; $figure >= $bound; "at least \($bound | told)");

. as $rows |

# A figure of this row to that of another contender, measured in the same way.
def to($contender; $figure; $same):
	. as $mine |
	[$rows[] | select(.contender == $contender) | select([.[$same[]]] == [$mine[$same[]]])][0][$figure] as $other |
	if $other and $mine[$figure] then $mine[$figure] / $other else null end;

def swap:
	select(.us_per_pair) | ["data", "writes"] as $same | "\(.contender), \(.data), \(.writes) % writes: us a pair to " as $what |
	if .contender == "tmem_pmem-plain" then
		at_most($what + "pmem"; to("pmem"; "us_per_pair"; $same); 0.75),
		at_most($what + "zram-lz4"; to("zram-lz4"; "us_per_pair"; $same); 0.5)
	elif .contender == "tmem_pmem" then
		at_most($what + "pmem-crypt"; to("pmem-crypt"; "us_per_pair"; $same); 1)
	else empty end;

def large:
	select(.us_per_page and .contender == "tmem_pmem-plain") | ["folios", "pattern", "page_cluster"] as $same |
	at_most("\(.contender), folios \(.folios), \(.pattern), page-cluster \(.page_cluster): us a page to pmem";
		to("pmem"; "us_per_page"; $same); if .folios == "none" then 1 else 0.5 end);

def inversion:
	select(.hot_served_pct and .contender == "tmem_pmem") |
	at_least("\(.contender): hot pages served from persistent memory, percent"; .hot_served_pct; 90);

def cache:
	select(.workload) | ["workload"] as $same | "\(.contender), \(.workload)" as $what |
	def reads($contender; $bound): at_least("\($what): reads a second to \($contender)"; to($contender; "iops"; $same); $bound);
	if .workload == "zipf" or .workload == "steady" then
		select(.contender == "tmem_ssd" or .contender == "tmem_ssd-plain") |
		reads("bcache-wt"; 1.25), reads("dm-cache-smq"; 1.8),
		at_most("\($what): flash bytes written a byte served to bcache-wt";
			to("bcache-wt"; "flash_bytes_per_byte_served"; $same); 1 / 3)
	elif .workload == "sequential" or .workload == "all-miss" then
		select(.contender == "tmem_ssd" or .contender == "tmem_ssd-plain") |
		reads("disk"; 0.97),
		if .workload == "sequential" then
			at_most("\($what): of it written to flash"; .flash_bytes_written / (.reads * 4096); 0.02)
		else empty end
	elif .contender == "tmem_ssd-plain" then reads("ssd"; 0.85)
	elif .contender == "tmem_ssd" then reads("ssd-crypt"; 0.85)
	else empty end;

.[] | (swap, large, inversion, cache) | map(tostring) | join("|")
