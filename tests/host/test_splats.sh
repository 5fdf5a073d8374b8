#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Which lines of a kernel log fail a test in a guest, or of the KUnit suites.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/../vm/lib/splats.sh"

# What kernels say, a line for each of SPLAT_PATTERNS, in their order.
SAID='BUG: kernel NULL pointer dereference, address: 0000000000000008
BUG kmalloc-64 (Tainted: G           OE     ): Poison overwritten
WARNING: CPU: 0 PID: 812 at mm/slub.c:4412 free_large_kmalloc+0x6a/0xb0
Oops: 0000 [#1] PREEMPT SMP NOPTI
Oops: general protection fault, probably for non-canonical address 0xdead000000000122: 0000 [#1] SMP
KASAN: null-ptr-deref in range [0x0000000000000008-0x000000000000000f]
BUG: KCSAN: data-race in tmem_store / tmem_load
BUG: KFENCE: use-after-free read in tmem_load+0x1f/0x90 [tmem]
UBSAN: shift-out-of-bounds in drivers/tmem/area.c:71:12
Kernel panic - not syncing: Fatal exception
INFO: possible irq lock inversion dependency detected
WARNING: possible recursive locking detected
WARNING: possible circular locking dependency detected
WARNING: inconsistent lock state
INFO: trying to register non-static key.
INFO: lockdep is turned off.
DEBUG_LOCKS_WARN_ON(lock->magic != lock)
WARNING: hog/812 still has locks held! #0: held_lock
WARNING: lock held when returning to user space!
WARNING: suspicious RCU usage
BUG: scheduling while atomic: hog/812/0x00000002
BUG: sleeping function called from invalid context at mm/page_alloc.c:4700
INFO: task kworker/0:1:14 blocked for more than 120 seconds.
watchdog: BUG: soft lockup - CPU#0 stuck for 67s! [hog:812]
watchdog: Watchdog detected hard LOCKUP on cpu 0
rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:
kmemleak: Cannot insert 0xffff888004c00000 into the object search tree (overlaps existing)
refcount_t: underflow; use-after-free.
list_add corruption. prev->next should be next (ffff8880), but was ffff8881. (prev=ffff8882).
x86/mm: unable to handle page fault for address: ffffc90000a00000
BUG: Bad page state in process hog  pfn:12345
_swap_info_get: Unused swap offset entry 00000123
hog: page allocation failure: order:0, mode:0x40820(GFP_ATOMIC|__GFP_COMP), nodemask=(null)
Out of memory: Killed process 812 (hog) total-vm:265200kB, anon-rss:32304kB, file-rss:584kB, shmem-rss:0kB
Memory cgroup out of memory: Killed process 812 (hog) total-vm:265200kB, anon-rss:32304kB, file-rss:584kB
I/O error, dev vdd, sector 2048 op 0x0:(READ) flags 0x0 phys_seg 1 prio class 2
EXT4-fs error (device vdd): ext4_lookup:1785: inode #2: comm cat: iget: bogus i_mode (0)
XFS (vdd): Corruption detected. Unmount and run xfs_repair
mce: [Hardware Error]: Machine check events logged
Memory failure: 0x12345: recovery action for dirty LRU page: Recovered'
# And more of those that have several forms.
SAID_TOO='get_swap_device: Bad swap file entry 7c00000000000002
get_swap_device: Bad swap offset entry 00000123
swap_free: Unused swap file entry 3ffffffffffff
general protection fault, probably for non-canonical address 0xdead000000000122: 0000 [#1] SMP
rcu: INFO: rcu_sched self-detected stall on CPU
Unable to handle kernel paging request at virtual address ffffc90000a00000
XFS (vdd): Metadata I/O ERROR in "xfs_buf_ioend" at daddr 0x2 len 1 error 5
kmemleak: Kernel memory leak detector disabled'
# What a healthy kernel says.
HEALTHY='kmemleak: 3 new suspected memory leaks (see /sys/kernel/debug/kmemleak)
kmemleak: Kernel memory leak detector initialized (mem pool available: 15894)
tmem: loading out-of-tree module taints kernel.
tmem_pmem: pmem0: 65024 slots of 4096 bytes, encrypted
Adding 262140k swap on /dev/vdd.  Priority:-2 extents:1 across:262140k
tmem-test: start a-pass'

# is_seen LINE [ALLOWED]: it fails a test, also one that allows what this regular expression has.
is_seen()
{
	printf '[  100.000000] %s\n' "$1" >"$tree/log"
	printf '%s' "${2:+$2$'\n'}" >"$tree/allowed"
	find_splat "$tree/log" "$tree/allowed" >/dev/null
}

# is_what LINE PATTERN
is_what() { grep -Eq -- "$2" <<<"$1" || wrong "\"$1\" has no $2"; }

test_every_pattern()
{
	local line count=0

	while IFS= read -r line; do
		is_what "$line" "${SPLAT_PATTERNS[count]}"
		is_seen "$line" || wrong "not seen: $line"
		count=$((count + 1))
	done <<<"$SAID"
	is_equal $count ${#SPLAT_PATTERNS[@]}
}

test_other_forms()
{
	local line

	while IFS= read -r line; do
		is_seen "$line" || wrong "not seen: $line"
	done <<<"$SAID_TOO"
}

test_healthy()
{
	local line

	while IFS= read -r line; do
		! is_seen "$line" || wrong "seen: $line"
	done <<<"$HEALTHY"
}

test_allowed()
{
	local allowed='invoked oom-killer: |[Oo]ut of memory: Killed process '

	! is_seen "$(grep '^Out of memory' <<<"$SAID")" "$allowed" || wrong 'seen, but allowed'
	! is_seen "$(grep '^Memory cgroup' <<<"$SAID")" "$allowed" || wrong 'seen, but allowed'
	is_seen 'BUG: no room left' "$allowed" || wrong 'allowed, but not asked for'
}

run_tests
