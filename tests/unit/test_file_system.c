/* Which file systems are shared with other machines, by what statfs and the mount table say of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <sys/sysmacros.h>

#include "tenantry/file_system.h"
#include "tenantry/mem.h"

/* The numbers are the kernel's (linux/magic.h) and those of the file systems outside of its tree. */
static void network_and_cluster_file_systems(void **state)
{
	static const struct {
		unsigned long magic;
		const char *name;
	} shared[] = {{0x6969, "NFS"}, {0xff534d42, "CIFS"}, {0xfe534d42, "SMB"}, {0x517b, "SMB"},
	    {0x00c36400, "Ceph"}, {0x0bd00bd0, "Lustre"}, {0x01021997, "9p"}, {0x5346414f, "AFS"},
	    {0x6b414653, "AFS"}, {0x7461636f, "OCFS2"}, {0x01161970, "GFS2"}, {0x47504653, "GPFS"},
	    {0x19830326, "BeeGFS"}, {0x20030528, "OrangeFS"}, {0x73757245, "Coda"}, {0x564c, "NCP"},
	    {0x786f4256, "VirtualBox shared folder"}};
	static const struct {
		unsigned long magic;
		const char *name;
	} own[] = {{0xef53, "ext4"}, {0x58465342, "XFS"}, {0x9123683e, "Btrfs"}, {0x2fc12fc1, "ZFS"},
	    {0x01021994, "tmpfs"}, {0x794c7630, "overlay"}, {0xf2f52010, "F2FS"}, {0xca451a4e, "bcachefs"},
	    {0x4d44, "FAT"}, {0x2011bab0, "exFAT"}, {0x7366746e, "NTFS"}, {0x52654973, "ReiserFS"},
	    {0x3153464a, "JFS"}, {0x858458f6, "ramfs"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(shared); i++) {
		assert_non_null(shared_file_system(shared[i].magic, NULL));
		assert_string_equal(shared_file_system(shared[i].magic, NULL), shared[i].name);
	}
	for (size_t i = 0; i < ARRAY_LEN(own); i++)
		if (shared_file_system(own[i].magic, NULL))
			fail_msg("%s counts as shared", own[i].name);
	/* f_type with its sign in front. */
	assert_string_equal(shared_file_system((unsigned long)(long)(int)0xff534d42, NULL), "CIFS");
	assert_null(shared_file_system((unsigned long)(long)(int)0x9123683e, NULL));
}

static void what_is_behind_fuse(void **state)
{
	static const unsigned long fuse = 0x65735546;

	(void)state;
	assert_string_equal(shared_file_system(fuse, "fuse.sshfs"), "fuse.sshfs");
	assert_string_equal(shared_file_system(fuse, "fuse.glusterfs"), "fuse.glusterfs");
	assert_string_equal(shared_file_system(fuse, "virtiofs"), "virtiofs");
	assert_string_equal(shared_file_system(fuse, "fuse"), "FUSE");
	assert_string_equal(shared_file_system(fuse, NULL), "FUSE");
	assert_null(shared_file_system(fuse, "fuseblk"));
	assert_null(shared_file_system(fuse, "fuse.fuse-overlayfs"));
	/* The mount table does not overrule what the magic says. */
	assert_string_equal(shared_file_system(0x6969, "fuseblk"), "NFS");
}

static void the_mount_table(void **state)
{
	static const char text[] =
	    "22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw\n"
	    "40 22 0:51 / /srv/a\\040b rw,nosuid shared:9 master:1 - fuse.sshfs host:/x - rw,user_id=0\n"
	    "41 22 0:52 / /srv/c rw - nfs4 filer:/vol rw\n"
	    "not a line\n"
	    "42 22 0:53 / /mnt rw\n"
	    "43 22 0:54 / /data rw - fuseblk /dev/sdb1 rw";
	char type[16];

	(void)state;
	assert_true(mount_type_find(text, makedev(254, 0), type, sizeof type));
	assert_string_equal(type, "ext4");
	assert_true(mount_type_find(text, makedev(0, 51), type, sizeof type));
	assert_string_equal(type, "fuse.sshfs");
	assert_true(mount_type_find(text, makedev(0, 54), type, sizeof type));
	assert_string_equal(type, "fuseblk");
	assert_false(mount_type_find(text, makedev(0, 53), type, sizeof type));
	assert_false(mount_type_find(text, makedev(0, 55), type, sizeof type));
	assert_false(mount_type_find("", makedev(0, 55), type, sizeof type));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(network_and_cluster_file_systems),
	    cmocka_unit_test(what_is_behind_fuse),
	    cmocka_unit_test(the_mount_table),
	};

	return cmocka_run_group_tests_name("file_system", tests, NULL, NULL);
}
