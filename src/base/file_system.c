/* Which file systems are shared with other machines; see file_system.h. */
#include "tenantry/file_system.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "tenantry/mem.h"

enum { FUSE = 0x65735546, TYPE_SIZE = 64, MOUNTINFO_MAX = 1 << 20 };

/* linux/magic.h, and what file systems outside of the kernel's tree say of themselves. Cluster file systems
 * on shared disks are among them: their locks hold between machines, but the memory of SQLite's log does not.
 */
static const struct {
	unsigned long magic;
	const char *name;
} shared[] = {
    {0x6969, "NFS"},
    {0x517b, "SMB"},
    {0xff534d42, "CIFS"},
    {0xfe534d42, "SMB"},
    {0x564c, "NCP"},
    {0x00c36400, "Ceph"},
    {0x0bd00bd0, "Lustre"},
    {0x01021997, "9p"},
    {0x5346414f, "AFS"},
    {0x6b414653, "AFS"},
    {0x73757245, "Coda"},
    {0x7461636f, "OCFS2"},
    {0x01161970, "GFS2"},
    {0x47504653, "GPFS"},
    {0x19830326, "BeeGFS"},
    {0x20030528, "OrangeFS"},
    {0xaad7aaea, "PanFS"},
    {0xbeefdead, "StorNext"},
    {0x61636673, "ACFS"},
    {0x786f4256, "VirtualBox shared folder"},
    {0xbacbacbc, "VMware shared folder"},
    {0x7c7c6673, "Parallels shared folder"},
};

/* Behind FUSE may be anything: a block device and a container's own layers are this machine's; what is not
 * known counts as shared (sshfs, glusterfs, virtiofs, s3fs, rclone ...). */
static const char *const local_fuse[] = {"fuseblk", "fuse.fuse-overlayfs"};

static const char *shared_fuse(const char *mount_type)
{
	static char name[TYPE_SIZE + 16];

	for (size_t i = 0; mount_type && i < ARRAY_LEN(local_fuse); i++)
		if (strcmp(mount_type, local_fuse[i]) == 0)
			return NULL;
	if (!mount_type || strcmp(mount_type, "fuse") == 0)
		return "FUSE";
	snprintf(name, sizeof name, "%s", mount_type);
	return name;
}

const char *shared_file_system(unsigned long magic, const char *mount_type)
{
	/* f_type is signed in places, and then the four bytes come with a sign before them. */
	magic &= 0xffffffff;
	if (magic == FUSE)
		return shared_fuse(mount_type);
	for (size_t i = 0; i < ARRAY_LEN(shared); i++)
		if (shared[i].magic == magic)
			return shared[i].name;
	return NULL;
}

bool mount_type_find(const char *mountinfo, dev_t device, char *out, size_t size)
{
	bool found = false;

	/* "36 35 98:0 /root /mount options - type source": the last mount of a device counts. */
	for (const char *line = mountinfo; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		unsigned major_number, minor_number;
		const char *end = line + strcspn(line, "\n"), *type = strstr(line, " - ");
		if (sscanf(line, "%*u %*u %u:%u", &major_number, &minor_number) != 2 ||
		    makedev(major_number, minor_number) != device || !type || type >= end)
			continue;
		type += strlen(" - ");
		snprintf(out, size, "%.*s", (int)strcspn(type, " \n"), type);
		found = true;
	}
	return found;
}

static bool find_mount_type(const char *path, char *out, size_t size)
{
	struct stat st;
	int fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	char *text = mem_zalloc(MOUNTINFO_MAX + 1);
	size_t n = 0;
	ssize_t got = 1;

	/* The kernel gives a page at a time. */
	while (fd >= 0 && got > 0 && n < MOUNTINFO_MAX)
		if ((got = read(fd, text + n, MOUNTINFO_MAX - n)) > 0)
			n += (size_t)got;
	bool found = fd >= 0 && stat(path, &st) == 0 && mount_type_find(text, st.st_dev, out, size);
	if (fd >= 0)
		close(fd);
	free(text);
	return found;
}

const char *shared_file_system_of(const char *path)
{
	char *there = mem_strdup(path), type[TYPE_SIZE];
	const char *name = NULL;
	struct statfs fs;

	while (statfs(there, &fs) < 0) {
		char *slash = strrchr(there, '/');
		if (errno != ENOENT || strcmp(there, "/") == 0 || strcmp(there, ".") == 0)
			goto out;
		if (slash) {
			slash[slash == there] = '\0';
		} else {
			free(there);
			there = mem_strdup(".");
		}
	}
	unsigned long magic = (unsigned long)fs.f_type;
	bool told = (magic & 0xffffffff) == FUSE && find_mount_type(there, type, sizeof type);
	name = shared_file_system(magic, told ? type : NULL);
out:
	free(there);
	return name;
}
