# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# A swap file that is written through its filesystem: NFS, mounted from the guest itself.
DESCRIPTION="a swap file on NFS is left alone, which is counted and said, and swaps as without us"
KERNELS="6.12 6.1 7.2"
DISKS="128M"
EXCLUSIVE=1
SUITE=full
TIMEOUT=600
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

SERVED=/srv
NFSD=/proc/fs/nfsd

cleanup()
{
	tmem_stop
	umount /mnt
	echo 0 >$NFSD/threads
	pkill -x rpcbind
	umount $NFSD $SERVED
}

requires()
{
	need_program rpcbind perl
	need_module nfs nfsd
}

# lo_up: there is no "ip" here, and the network has nothing else.
lo_up() { perl -e '$lo = pack("a16s", "lo", 1); socket(S, 2, 2, 0); ioctl(S, 0x8914, $lo) or die $!'; }

# tell_cache NAME LINE: answer a question of the server's before it is asked; no mountd runs.
tell_cache() { printf '%s\n' "$2" >"/proc/net/rpc/$1/channel"; }

# serve DIR: export it to the guest itself as the root of NFS version 4.
serve()
{
	# Flags: it has a number (0), no look at subtrees, asynchronous, from any port.
	local never=2147483647 flags=$((0x2000 | 0x400 | 0x10 | 0x2))

	mkdir -p /run/rpcbind
	rpcbind -w
	modprobe nfsd
	mount -t nfsd nfsd $NFSD
	tell_cache auth.unix.ip "nfsd 127.0.0.1 $never guest"
	tell_cache nfsd.export "guest $1 $never $flags 65534 65534 0"
	tell_cache nfsd.fh "guest 1 \\x00000000 $never $1"
	echo 10 >$NFSD/nfsv4gracetime
	echo "tcp 2049" >$NFSD/portlist
	echo 2 >$NFSD/threads
	echo Y >$NFSD/v4_end_grace || true
}

test()
{
	local before

	mkdir -p $SERVED
	mk_fs ext4 "$DISK1" $SERVED
	lo_up
	serve $SERVED
	mkdir -p /mnt
	mount -i -t nfs4 -o addr=127.0.0.1,clientaddr=127.0.0.1,vers=4.2 127.0.0.1:/ /mnt
	dd if=/dev/zero of=/mnt/swapfile bs=1M count=48 status=none
	chmod 600 /mnt/swapfile
	mkswap -q /mnt/swapfile
	tmem_load "$(pmem_device)"
	swapon /mnt/swapfile
	cat "$TMEM"/areas
	expect_dmesg 'swap area 0 is not used: its file is written through its filesystem'
	before=$(vmstat pswpout)
	mk_cgroup hog 16M
	hog_in hog --content random --touches 1500 24
	tmem_counters
	assert_ge "$(tmem_refused fs_swapfile)" 1500 "pages refused"
	assert_ge $(($(vmstat pswpout) - before)) 1500 "pages written to the file"
	assert_eq "$(tmem_held)" 0 "pages held"
	assert_eq "$(tmem_stat stores)" 0 "pages stored"
	tmem-pmem-ctl status | grep fs_swapfile
	swap_off
}
