# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Touches one and a half times what a device holds, a quarter of it most often: are the hot pages on it?
DESCRIPTION="benchmark of a full device"
KERNELS="6.12"
MEM=1G
NVDIMMS="128M"
APPEND=nokaslr
ICOUNT=1
EXCLUSIVE=1
TIMEOUT=3600

here=/payload/tests/cases
# shellcheck source=bench/fio/guest/lib/null_blk.sh
. $here/lib/null_blk.sh
# shellcheck disable=SC1091
. $here/config
PMEM=/sys/kernel/mm/tmem_pmem/devices
# The swap area.
AREA_MIB=640

up_tmem_pmem() { :; }
# As it would be without writing back.
up_tmem_pmem-first-come() { echo "100 100" | tee $PMEM/*/marks >/dev/null; }

measure()
{
	local name=$1 data=$2 mib slots options=()

	[ "$data" != compressible ] || options+=(--compressible)
	tmem_load "$NAMESPACE"
	"up_$name"
	add_null_blk bench $AREA_MIB completion_nsec=80000
	mkswap /dev/bench >/dev/null
	swapon /dev/bench
	slots=$(cat $PMEM/*/slots)
	mib=$((slots * 3 / 2 / 256))
	mk_cgroup bench "$((mib / 8))M"
	run_in_cgroup bench /tmp/touch --hot "$HOT" --warmup "$WARMUP" --touches "$TOUCHES" \
		--counter "loads=$TMEM/stats/loads" --counter pswpin=/proc/vmstat:pswpin "${options[@]}" "$mib" \
		>/tmp/result || [ -s /tmp/result ] || fail "$name: touch died"
	tmem_counters
	jq -c --arg name "$name" --arg data "$data" --argjson mib "$mib" --argjson slots "$slots" \
		--argjson back "$(tmem_stat written_back)" --argjson full "$(tmem_refused full)" \
		'{contender: $name, data: $data, mib: $mib, slots: $slots, written_back: $back, refused_full: $full} + .' \
		/tmp/result | sed 's/^/# RAW /'
	rmdir "$CGROUP/bench"
	swapoff /dev/bench
	tmem_unload
	remove_null_blk bench
}

test()
{
	local name data

	cp $here/touch /tmp/touch
	echo 0 >/proc/sys/vm/page-cluster
	echo never >/sys/kernel/mm/transparent_hugepage/enabled
	modprobe -a nd_pmem
	NAMESPACE=$(create_namespace fsdax '' tmem region0)
	for data in $DATA; do
		for name in $CONTENDERS; do
			measure "$name" "$data"
		done
	done
}
