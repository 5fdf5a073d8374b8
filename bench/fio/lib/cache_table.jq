# SPDX-License-Identifier: GPL-2.0
# Rows as tables, one a workload, fastest first, each beside the ratio to the disk alone, to bcache
# (writethrough), to dm-cache, to the SSD alone and to the SSD under dm-crypt.

def ratio($to): if $to then .iops / $to * 1000 | round / 1000 | tostring else "-" end;
def text: if . == null then "-" else tostring end;

group_by(.workload)[] | sort_by(-.iops) | . as $rows |
def of($name): [$rows[] | select(.contender == $name)][0].iops;
"", "\(.[0].workload) (\(.[0].mode))",
"contender|IOPS|MiB/s|to disk|to bcache-wt|to dm-cache|to ssd|to ssd-crypt|hits|flash written/served|with warm-up|RAM/page|errors",
(.[] | [.contender, .iops, .mib_per_s, ratio(of("disk")), ratio(of("bcache-wt")),
	ratio(of("dm-cache-smq")), ratio(of("ssd")), ratio(of("ssd-crypt")), .hit_ratio, .flash_bytes_per_byte_served,
	.flash_bytes_per_byte_served_with_warmup, .ram_bytes_per_page, .errors] |
	map(text) | join("|")),
(.[] | to_entries[] | select(.key | test("_insns$")) | "instructions: \(.key | rtrimstr("_insns")) \(.value)")
