/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One at a time: a lock among the verbs that format, attach or destroy.
 *
 * udev runs autoattach as soon as a namespace appears or a superblock is written, which is in
 * the middle of create-namespace, format and destroy.
 */
#ifndef _CTL_LOCK_H
#define _CTL_LOCK_H

/*
 * Wait for the lock, say so if that takes some seconds, and hold it until the process ends. @seconds: wait no longer
 * than that, 0 for ever. Returns 0, or non-zero after fail().
 */
int lock_take(unsigned int seconds);

#endif /* _CTL_LOCK_H */
