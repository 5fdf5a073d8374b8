# SPDX-License-Identifier: GPL-2.0
# Rows as a table, each beside the ratio to swap on pmem.

def ratio($us): if $us then . / $us * 100 | round / 100 | tostring else "-" end;

group_by([.folios == "64K", .pattern, .page_cluster])[] | sort_by(.us_per_touch) |
([.[] | select(.contender == "pmem")][0]) as $pmem |
"", "folios: \(.[0].folios), \(.[0].pattern), page-cluster \(.[0].page_cluster) (\(.[0].mode))",
"contender|us a page|to pmem|us a touch|to pmem|pages in|pages out|faults|errors",
(.[] | "\(.contender)|\(.us_per_page)|\(.us_per_page | ratio($pmem.us_per_page))|\(.us_per_touch)|\(.us_per_touch | ratio($pmem.us_per_touch))|\(.pages_in)|\(.pages_out)|\(.faults)|\(.errors)")
