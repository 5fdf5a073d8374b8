// SPDX-License-Identifier: GPL-2.0
/*
 * What goes wrong in ext4 and leaves its pages clean, as if they had been written.
 *
 * - Its journal is aborted. What ext4 has in memory about its files does not reach the disk any more, and where the
 *   memory is reclaimed it reads what the disk had before. Any page may be another one then.
 * - Blocks that were written could not be marked as such: the disk has zeros there.
 *
 * In the first case 6.1 makes the filesystem read-only, though not at once, 6.12 lets nothing be read, and 7.2 tells
 * nobody. The functions that know of it belong to modules, as a rule. They are taken over when ext4 is mounted or
 * found mounted for the first time; whoever asks keeps its module in memory, and from then on we do.
 */
#include <linux/jbd2.h>
#include <linux/module.h>
#include <linux/mutex.h>

#include "file.h"
#include "redirect.h"

DEFINE_TMEM_ORIGINAL(jbd2_journal_abort, void, (journal_t *, int));
DEFINE_TMEM_ORIGINAL(ext4_convert_unwritten_extents, int, (handle_t *, struct inode *, loff_t, ssize_t));

static DEFINE_MUTEX(watch_lock);
static enum { UNTRIED, WATCHED, UNWATCHABLE } watch;
static struct module *kept;

/* The journal may be of another filesystem, which has something else there. */
static void hook_jbd2_journal_abort(journal_t *journal, int err)
{
	tmem_redirect_enter(TMEM_EXT4_HOOKS);
	/* Before the original, which makes other things fail. */
	if (!tmem_fault(TMEM_FAULT_NO_EXT4_WATCH))
		tmem_pool_failed(journal->j_private);
	TMEM_ORIGINAL(jbd2_journal_abort)(journal, err);
	/* It may have been on its way while the filesystem was looked at, and found whole. */
	if (!tmem_fault(TMEM_FAULT_NO_EXT4_WATCH))
		tmem_pool_failed(journal->j_private);
	tmem_redirect_leave(TMEM_EXT4_HOOKS);
}

/* The pages are under writeback until we have returned, or a direct write waits for us. */
static int hook_ext4_convert_unwritten_extents(handle_t *handle, struct inode *inode,
					       loff_t offset, ssize_t len)
{
	int err;

	tmem_redirect_enter(TMEM_EXT4_HOOKS);
	err = TMEM_ORIGINAL(ext4_convert_unwritten_extents)(handle, inode, offset, len);
	if (err && !tmem_fault(TMEM_FAULT_NO_EXT4_WATCH))
		tmem_file_exposed(inode->i_mapping);
	tmem_redirect_leave(TMEM_EXT4_HOOKS);
	return err;
}

static_assert(__same_type(hook_jbd2_journal_abort, jbd2_journal_abort));

static struct tmem_redirect hooks[] = {
	TMEM_REDIRECT(jbd2_journal_abort, hook_jbd2_journal_abort),
	TMEM_REDIRECT(ext4_convert_unwritten_extents, hook_ext4_convert_unwritten_extents),
};

/**
 * tmem_ext4_watch() - see what goes wrong in a filesystem, if it is ext4
 * @type: of the filesystem; its module stays until this returns
 *
 * If it cannot be done ext4 is not cached, and it is said once why.
 *
 * Context: process, may sleep; the hooks of files are armed.
 */
void tmem_ext4_watch(struct file_system_type *type)
{
	if (!tmem_fs_is_ext4(type) || READ_ONCE(watch) != UNTRIED)
		return;
	mutex_lock(&watch_lock);
	if (watch == UNTRIED && !tmem_redirects_arm(TMEM_EXT4_HOOKS, hooks, ARRAY_SIZE(hooks))) {
		kept = type->owner;
		__module_get(kept);
		WRITE_ONCE(watch, WATCHED);
	} else if (watch == UNTRIED) {
		WRITE_ONCE(watch, UNWATCHABLE);
	}
	mutex_unlock(&watch_lock);
}

bool tmem_ext4_watched(void)
{
	return READ_ONCE(watch) == WATCHED;
}

/* Context: process; the hooks of files are disarmed. */
void tmem_ext4_unwatch(void)
{
	if (tmem_ext4_watched()) {
		tmem_redirects_disarm(TMEM_EXT4_HOOKS, hooks, ARRAY_SIZE(hooks));
		module_put(kept);
	}
	watch = UNTRIED;
}

const char *tmem_ext4_hook_name(unsigned int i)
{
	return i < ARRAY_SIZE(hooks) ? hooks[i].name : NULL;
}

struct tmem_signature *tmem_ext4_hook_signature(unsigned int i)
{
	return i < ARRAY_SIZE(hooks) ? hooks[i].signature : NULL;
}
