/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The superblock of persistent memory: the one that all kinds of devices share, with the magic and
 * the alignment of pmem_format.h. <tmem/super.h> says what each function does.
 */
#ifndef _TMEM_PMEM_SUPERBLOCK_H
#define _TMEM_PMEM_SUPERBLOCK_H

#include <tmem/super.h>
#include <uapi/tmem/pmem_format.h>

#define tmem_pmem_super		tmem_super

static const struct tmem_super_kind tmem_pmem_super_kind = {
	.magic = TMEM_PMEM_MAGIC,
	.version = TMEM_PMEM_VERSION,
	.feature_incompat = TMEM_PMEM_FEATURE_INCOMPAT_KNOWN,
	.align_bytes = TMEM_PMEM_ALIGN_BYTES,
	.device_min_bytes = TMEM_PMEM_DEVICE_MIN_BYTES,
	.device_max_bytes = TMEM_PMEM_DEVICE_MAX_BYTES,
};

static inline u64 tmem_pmem_super_offset(u32 copy, u64 device_bytes)
{
	return tmem_super_offset(copy, device_bytes);
}

static inline int tmem_pmem_super_layout(u64 device_bytes, struct tmem_super *super)
{
	return tmem_super_layout(&tmem_pmem_super_kind, device_bytes, super);
}

static inline void tmem_pmem_super_encode(const struct tmem_super *super, u32 copy,
					  struct tmem_super_onmedia *onmedia)
{
	tmem_super_encode(&tmem_pmem_super_kind, super, copy, onmedia);
}

static inline int tmem_pmem_super_decode(const struct tmem_super_onmedia *onmedia, u32 copy,
					 u64 device_bytes, struct tmem_super *super)
{
	return tmem_super_decode(&tmem_pmem_super_kind, onmedia, copy, device_bytes, super);
}

static inline const char *tmem_pmem_super_why(const struct tmem_super_onmedia *onmedia, u32 copy,
					      u64 device_bytes)
{
	return tmem_super_why(&tmem_pmem_super_kind, onmedia, copy, device_bytes);
}

static inline int tmem_pmem_super_choose(const struct tmem_super_onmedia *first,
					 const struct tmem_super_onmedia *second, u64 device_bytes,
					 struct tmem_super *super)
{
	return tmem_super_choose(&tmem_pmem_super_kind, first, second, device_bytes, super);
}

static inline const char *tmem_pmem_super_choose_why(const struct tmem_super_onmedia *first,
						     const struct tmem_super_onmedia *second,
						     u64 device_bytes)
{
	return tmem_super_choose_why(&tmem_pmem_super_kind, first, second, device_bytes);
}

#endif /* _TMEM_PMEM_SUPERBLOCK_H */
