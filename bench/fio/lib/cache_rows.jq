# SPDX-License-Identifier: GPL-2.0
# Turns what the guest logged about reads of files into the rows of the JSON file; $mode says how they were
# taken, $ram holds what memory each contender took.

def rounded($digits): if . == null then null else pow(10; $digits) as $scale | . * $scale | round / $scale end;

def on_ssd: .contender == "ssd" or .contender == "ssd-crypt";

# Of the pages that were not in RAM, those that came from flash. Who promotes more than was asked for reads
# more from the disk than misses.
def hit_ratio:
	if .contender == "disk" then 0
	elif on_ssd then 1
	elif .gets then if .gets + .misses > 0 then .gets / (.gets + .misses) else null end
	elif .contender == "dm-cache-smq" then .flash_read / .top_read
	else 1 - .hdd_read / .top_read end;

def flash_per_byte($written; $reads): if $written then $written * 512 / ($reads * 4096) else null end;

# What the contender took of memory, beyond the same reads without one.
def ram_bytes:
	.contender as $name | ([$ram[] | select(.contender == "disk")][0].ram_kib // 0) as $floor |
	([$ram[] | select(.contender == $name)][0]) as $mine |
	# More was free afterwards than before: other memory came and went, and nothing can be said.
	if $mine == null or $name == "disk" or $mine.ram_kib <= $floor then null
	else {bytes: (($mine.ram_kib - $floor) * 1024), pages: $mine.cached_pages} end;

# Calls of a kernel function, and the instructions of all of them: of the function as called, or of
# the original that the replacement calls.
def called($f): .counted.calls[$f] // [0, 0];
def original($f): [called($f + "+5"), called($f + "+9")] | transpose | map(add);

# What a put costs: the replaced function less its original.
def put_insns: called("__filemap_remove_folio") as $all | original("__filemap_remove_folio") as $rest |
	if $all[0] > 0 then ($all[1] - $rest[1]) / $all[0] | round else null end;

# What reads of one block cost the kernel, from the readahead window to the end of the request.
def read_insns: called("read_pages") as $get | called("bio_endio") as $done |
	if $get[0] > 0 then ($get[1] + $done[1]) / $get[0] else null end;

# Beyond the same reads by $name, which has no cache.
def get_insns($all; $name): .workload as $workload |
	([$all[] | select(.contender == $name and .workload == $workload)][0]) as $other |
	if $other and read_insns and ($other | read_insns)
	then read_insns - ($other | read_insns) | round else null end;

# The self instructions of functions, a read.
def self($re): .reads as $reads | [.counted.symbols // {} | to_entries[] |
	select(.key | test($re)) | .value[0]] | add | if . then . / $reads | round else null end;

def checksum: self("^tmem_ssd_(page_)?checksum");

def instructions($all):
	if (.contender | startswith("tmem_ssd") | not) or (.counted.calls | not) then {}
	elif .workload == "all-miss" then {get_missed_insns: get_insns($all; "disk")}
	elif .workload == "refused" then {put_refused_insns: put_insns}
	elif .workload == "fill" then {put_admitted_insns: put_insns}
	elif .workload == "all-hit-random" then
		{get_hit_insns: get_insns($all; "ssd"), checksum_insns: checksum}
	elif .workload == "all-hit-sequential" then {put_kept_insns: put_insns, checksum_insns: checksum}
	else {} end;

def renamed: {"misses": "all-miss", "hits-random": "all-hit-random",
	"hits-sequential": "all-hit-sequential"}[.] // .;

map(.workload |= renamed) | . as $all |
map(ram_bytes as $ram_bytes |
	{
		contender, workload,
		iops: (.reads / .window_ns * 1e9 | rounded(1)),
		hit_ratio: (hit_ratio | rounded(4)),
		flash_bytes_per_byte_served:
			(if on_ssd then null
			 else flash_per_byte(.flash_written; .reads) // 0 end | rounded(4)),
		ram_bytes_per_page:
			(if $ram_bytes and $ram_bytes.pages > 0
			 then $ram_bytes.bytes / $ram_bytes.pages | rounded(1) else null end),
		errors: (.errors + (.checksum_errors // 0) + (.io_errors // 0)),
		mode: $mode,
		mib_per_s: (.reads * 4096 / 1048576 / .window_ns * 1e9 | rounded(2)),
		flash_bytes_per_byte_served_with_warmup:
			(flash_per_byte(.flash_written_total; .reads + .warmup) | rounded(4)),
		ram_bytes: $ram_bytes.bytes,
		cached_pages, reads, warmup, window_ns, window,
		disk_bytes_read: ((.hdd_read // 0) * 512),
		flash_bytes_read: ((.flash_read // 0) * 512),
		flash_bytes_written: ((.flash_written // 0) * 512)
	} + (if .gets then {
		gets, misses, puts, index_bytes_per_page, pmem_gets, pmem_demoted,
		refused: (with_entries(select(.key | test("^refused_.*[^l]$|^refused_.*full$"))))
	} else {} end) + instructions($all))
