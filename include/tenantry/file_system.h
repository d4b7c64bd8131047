/* Which file systems are shared with other machines. SQLite's log needs memory that all its processes share,
 * and locks that all of them see: over a network neither holds, and two nights would damage the ledger or
 * work beside each other (sqlite.org/wal.html, sqlite.org/faq.html#q5). */
#ifndef TENANTRY_FILE_SYSTEM_H
#define TENANTRY_FILE_SYSTEM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Pure. The name of the file system ("NFS"), or NULL when it is one of this machine's own. `magic` is f_type
 * of statfs(2); `mount_type` what the mount table calls it, such as "fuse.sshfs" (NULL: not known), which is
 * looked at where the magic alone does not tell. */
const char *shared_file_system(unsigned long magic, const char *mount_type);
/* Pure. Finds the type of the file system of a device in the text of /proc/self/mountinfo: false when it is
 * not there. */
bool mount_type_find(const char *mountinfo, dev_t device, char *out, size_t size);
/* The same for a file, or for the nearest folder above it that there is; also NULL when it cannot be looked
 * at. The name may be a static buffer: for one thread. */
const char *shared_file_system_of(const char *path);

#endif
