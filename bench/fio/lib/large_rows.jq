# SPDX-License-Identifier: GPL-2.0
# Turns the guest's raw results into the rows of the JSON file; $mode says how they were taken.
# us_per_page = (window - the same touches without swapping) / pages in. us_per_touch = the same / touches:
# pages that are brought in for nothing count there, and do not make anybody look better.

def pages_in: (.loads // 0) + .pswpin;
def rounded($digits): pow(10; $digits) as $scale | . * $scale | round / $scale;

. as $all |
[$all[] | select(.contender != "alone") | . as $row |
	([$all[] | select(.contender == "alone" and .folios == $row.folios and .pattern == $row.pattern)][0]) as $alone |
	{
		contender, data, writes, folios, pattern, page_cluster,
		us_per_page: ((.window_ns - $alone.window_ns) / pages_in / 1000 | rounded(3)),
		us_per_touch: ((.window_ns - $alone.window_ns) / .touches / 1000 | rounded(3)),
		pages_in: pages_in, pages_out: ((.stores // 0) + .pswpout), faults, errors,
		mode: $mode, window_ns, alone_ns: $alone.window_ns, window, touches,
		swap_device_reads: .pswpin, swap_device_writes: .pswpout
	} + (if .large_loads then {large_loads, large_loads_given_up} else {} end)]
