// SPDX-License-Identifier: GPL-2.0
/*
 * Two files exchange blocks: nothing of them is put or got meanwhile, and both are forgotten.
 *
 * ext4's EXT4_IOC_MOVE_EXT gives the blocks of one file to another and does not look what the page cache
 * has of the other. Whatever rearranges two files locks both; so all that lock two are covered, on 6.1
 * renaming over a file too, where it does no harm.
 *
 * Who has locked stands in a small table, so that the end knows whether we saw the beginning.
 */
#include <linux/fs.h>
#include <linux/sched.h>

#include "file.h"

#define EXCHANGES	16

static struct exchange {
	struct task_struct *task;
	struct inode *inodes[2];
} exchanges[EXCHANGES];

static bool is_exchange(const struct inode *a, const struct inode *b)
{
	return a && b && a != b && S_ISREG(a->i_mode) && S_ISREG(b->i_mode);
}

static struct exchange *find(const struct task_struct *task)
{
	unsigned int i;

	for (i = 0; i < EXCHANGES; i++)
		if (READ_ONCE(exchanges[i].task) == task)
			return &exchanges[i];
	return NULL;
}

/* Return: false if there is no room. */
static bool enter(struct inode *a, struct inode *b)
{
	unsigned int i;

	for (i = 0; i < EXCHANGES; i++) {
		if (cmpxchg(&exchanges[i].task, NULL, current))
			continue;
		exchanges[i].inodes[0] = a;
		exchanges[i].inodes[1] = b;
		tmem_direct_hold(a);
		tmem_direct_hold(b);
		return true;
	}
	return false;
}

static void leave(struct exchange *exchange)
{
	tmem_direct_release(exchange->inodes[0]);
	tmem_direct_release(exchange->inodes[1]);
	WRITE_ONCE(exchange->task, NULL);
}

static void drop_pool(const struct inode *inode)
{
	struct tmem_pool *pool;
	int srcu;

	srcu = srcu_read_lock(&tmem_clean_srcu);
	pool = tmem_pool(inode->i_sb);
	if (pool)
		tmem_pool_drop(pool, TMEM_FS_cached);
	srcu_read_unlock(&tmem_clean_srcu, srcu);
}

/**
 * tmem_exchange_begins() - two files were locked
 * @a: one, or NULL
 * @b: the other, or NULL; may be the same
 */
void tmem_exchange_begins(struct inode *a, struct inode *b)
{
	if (!is_exchange(a, b))
		return;
	if (!enter(a, b)) {
		/* With so many at once none of it is worth keeping. */
		drop_pool(a);
		drop_pool(b);
	}
	tmem_forget_all(a->i_mapping);
	tmem_forget_all(b->i_mapping);
}

/* They are about to be unlocked. What is in memory of them may be what the other has now. */
void tmem_exchange_ends(struct inode *a, struct inode *b)
{
	struct exchange *exchange;

	if (!is_exchange(a, b))
		return;
	tmem_file_doubt(a->i_mapping);
	tmem_file_doubt(b->i_mapping);
	exchange = find(current);
	if (exchange)
		leave(exchange);
}

/* The hooks are disarmed: the end of those that have begun is not seen. */
void tmem_exchanges_exit(void)
{
	unsigned int i;

	for (i = 0; i < EXCHANGES; i++)
		if (exchanges[i].task)
			leave(&exchanges[i]);
}
