# SPDX-License-Identifier: GPL-2.0
# Turns the guest's raw results into the rows of the JSON file; $mode says how they were taken.
# us_per_pair = (window - the same touches without swapping) / pages in.

def pages_in: (.loads // 0) + .pswpin + .zswpin;
def pages_out: (.stores // 0) + .pswpout + .zswpout;
def rounded($digits): pow(10; $digits) as $scale | . * $scale | round / $scale;

# Self instructions of one call of a function, 0 if it was not called.
def one_call($symbols; $name):
	$symbols[$name] // [0, 0] | if .[1] > 0 then .[0] / .[1] else 0 end;

# Copying is what the two functions of tmem_pmem do that touch the medium, with what they call: one
# copy_page(), or for a load on machines with ERMS copy_mc_to_kernel() and what that takes.
def store_copy($s): one_call($s; "tmem_pmem_media_store [tmem_pmem]") + one_call($s; "copy_page");
def load_copy($s): one_call($s; "tmem_pmem_media_load [tmem_pmem]") +
	if $s["copy_mc_to_kernel"] then
		one_call($s; "copy_mc_to_kernel") + one_call($s; "memcpy_orig") +
		one_call($s; "copy_mc_enhanced_fast_string") + one_call($s; "copy_mc_fragile")
	else one_call($s; "copy_page") end;

# Instructions of a window that move the contents of pages.
def copies: [.counted.symbols // {} | to_entries[] |
	select(.key | test("^(copy_page|copy_mc_|memcpy|__memcpy)")) | .value[0]] | add // null;

def mean_call($counted; $function):
	$counted.calls[$function] // [0, 0] | if .[0] > 0 then .[1] / .[0] else null end;

def instructions:
	.counted as $c | mean_call($c; "zswap_store") as $store | mean_call($c; "zswap_load") as $load |
	if $store == null or $load == null then {} else {
		store_insns: ($store - store_copy($c.symbols) | round),
		load_insns: ($load - load_copy($c.symbols) | round),
		store_insns_with_copy: ($store | round),
		load_insns_with_copy: ($load | round)
	} end;

. as $all |
[$all[] | select(.contender != "alone") | . as $row |
	([$all[] | select(.contender == "alone" and .data == $row.data and .writes == $row.writes)][0]) as $alone |
	{
		contender, data, writes,
		us_per_pair: ((.window_ns - $alone.window_ns) / pages_in / 1000 | rounded(3)),
		us_without_copies: (if copies then
			(.window_ns - $alone.window_ns - copies) / pages_in / 1000 | rounded(3) else null end),
		pages_in: pages_in, pages_out: pages_out, errors,
		mode: $mode,
		store_mib, window_ns, alone_ns: $alone.window_ns, window, touches,
		swap_device_reads: .pswpin, swap_device_writes: .pswpout
	} + (if .contender == "tmem_pmem-plain" then {store_insns: null, load_insns: null} + instructions else {} end)]
