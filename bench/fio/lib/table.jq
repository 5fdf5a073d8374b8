# SPDX-License-Identifier: GPL-2.0
# Rows as a table, best first, each beside the ratio to swap on pmem and to zram with lz4.

def ratio($us): if $us then . / $us * 100 | round / 100 | tostring else "-" end;

group_by([.data, -.writes])[] | sort_by(.us_per_pair) |
([.[] | select(.contender == "pmem")][0].us_per_pair) as $pmem |
([.[] | select(.contender == "zram-lz4")][0].us_per_pair) as $zram |
"", "\(.[0].data) data, \(.[0].writes) % writes (\(.[0].mode))",
"contender|us a pair|to pmem|to zram-lz4|without copies|pages in|pages out|store MiB|errors",
(.[] | "\(.contender)|\(.us_per_pair)|\(.us_per_pair | ratio($pmem))|\(.us_per_pair | ratio($zram))|\(.us_without_copies // "-")|\(.pages_in)|\(.pages_out)|\(.store_mib)|\(.errors)"),
(.[] | select(.store_insns) | "instructions: store \(.store_insns), load \(.load_insns) (with copy \(.store_insns_with_copy), \(.load_insns_with_copy))")
