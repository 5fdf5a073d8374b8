// SPDX-License-Identifier: GPL-2.0
/*
 * What the page cache has of a filesystem from before it is cached.
 *
 * The kernel's own page cache can be wrong about a file: after a direct write that failed, for a file
 * that was a swap file, or if somebody repaired the disk under a filesystem that was read-only. There it
 * is wrong until the page is evicted; a copy of it would stay. If nobody was here to see it
 * happen, any page may be such a page, so all that is in memory is written and let go of. A file of
 * which that fails, because a page is in use elsewhere, is doubtful from then on.
 */
#include <linux/fs.h>
#include <linux/pagemap.h>
#include <linux/sched.h>
#include <linux/static_call.h>
#include <linux/swap.h>

#include "file.h"
#include "signatures.h"
#include "symbols.h"

DEFINE_TMEM_SIGNATURE(iterate_supers, void, (void (*)(struct super_block *, void *), void *));
DEFINE_STATIC_CALL_NULL(tmem_iterate_supers, tmem_type_iterate_supers);
static_assert(__same_type(tmem_type_iterate_supers, iterate_supers));

DEFINE_TMEM_SIGNATURE(lru_add_drain_all, void, (void));
DEFINE_STATIC_CALL_NULL(tmem_lru_add_drain_all, tmem_type_lru_add_drain_all);
static_assert(__same_type(tmem_type_lru_add_drain_all, lru_add_drain_all));

struct tmem_signature *tmem_file_before_signature(unsigned int i)
{
	static struct tmem_signature *const signatures[] = {
		&tmem_signature_iterate_supers, &tmem_signature_lru_add_drain_all,
	};

	return i < ARRAY_SIZE(signatures) ? signatures[i] : NULL;
}

int tmem_for_each_mounted(void (*fn)(struct super_block *sb, void *arg))
{
	unsigned long address = tmem_symbol("iterate_supers");

	if (!address) {
		pr_err("this kernel hides which filesystems are mounted, so it is not supported\n");
		return -EOPNOTSUPP;
	}
	if (!tmem_signature_holds(&tmem_signature_iterate_supers) ||
	    !tmem_signature_holds(&tmem_signature_lru_add_drain_all))
		return -EOPNOTSUPP;
	static_call_update(tmem_iterate_supers, (tmem_type_iterate_supers *)address);
	address = tmem_symbol("lru_add_drain_all");
	if (address)
		static_call_update(tmem_lru_add_drain_all, (tmem_type_lru_add_drain_all *)address);
	static_call(tmem_iterate_supers)(fn, NULL);
	return 0;
}

/*
 * As drop_caches does it: what is in use stays. To take pages away from who holds them, as
 * invalidate_inode_pages2() does, would lose what is written to them yet.
 */
static void let_go(struct address_space *mapping)
{
	if (!tmem_is_file(mapping) || IS_DAX(mapping->host) || !mapping->nrpages)
		return;
	filemap_write_and_wait(mapping);
	invalidate_mapping_pages(mapping, 0, -1);
	if (mapping->nrpages)
		tmem_file_doubt(mapping);
}

static bool worth_a_look(struct inode *inode)
{
	return (tmem_is_file(&inode->i_data) && inode->i_data.nrpages) || need_resched();
}

/**
 * tmem_let_go() - nothing of a filesystem that is in the page cache now stays there unnoticed
 * @sb: mounted, and not unmounted meanwhile
 *
 * Context: process; waits for the filesystem.
 */
void tmem_let_go(struct super_block *sb)
{
	struct inode *inode, *last = NULL;

	if (tmem_fault(TMEM_FAULT_NO_LET_GO))
		return;
	/* Pages that were just read wait in lists of each CPU, which would not let go of them. */
	static_call_cond(tmem_lru_add_drain_all)();
	spin_lock(&sb->s_inode_list_lock);
	list_for_each_entry(inode, &sb->s_inodes, i_sb_list) {
		/* What is leaving memory is not put, see file_evict.c. */
		if (!worth_a_look(inode) || !igrab(inode))
			continue;
		spin_unlock(&sb->s_inode_list_lock);
		let_go(&inode->i_data);
		/* Not before the next one is held, which keeps our place in the list. */
		iput(last);
		last = inode;
		cond_resched();
		spin_lock(&sb->s_inode_list_lock);
	}
	spin_unlock(&sb->s_inode_list_lock);
	iput(last);
}
