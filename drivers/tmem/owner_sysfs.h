/* SPDX-License-Identifier: GPL-2.0 */
/* Where the directories of owners are. */
#ifndef _TMEM_OWNER_SYSFS_H
#define _TMEM_OWNER_SYSFS_H

struct kobject;

int tmem_owner_sysfs_init(struct kobject *tmem_dir);

/* No owner is shown any more. */
void tmem_owner_sysfs_exit(void);

#endif /* _TMEM_OWNER_SYSFS_H */
