/* SHA-256 and HMAC-SHA-256 against the published examples, and over files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tenantry/mem.h"
#include "tenantry/sha256.h"

static const char abc_hash[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
static const char empty_hash[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/* FIPS 180-4 examples: one block, none, two blocks, a million letters. */
static void hash_of_known_texts(void **state)
{
	char text[SHA256_TEXT_SIZE], *million = mem_zalloc(1000000);

	(void)state;
	assert_string_equal(sha256_text(STRV("abc"), text), abc_hash);
	assert_string_equal(sha256_text(STRV(""), text), empty_hash);
	assert_string_equal(
	    sha256_text(STRV("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"), text),
	    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
	memset(million, 'a', 1000000);
	assert_string_equal(sha256_text((struct strv){million, 1000000}, text),
	    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
	free(million);
}

/* RFC 4231 test cases 1, 2 and 6 (a key longer than a block). */
static void keyed_hash_of_known_texts(void **state)
{
	char text[SHA256_TEXT_SIZE], key[131];

	(void)state;
	memset(key, 0x0b, 20);
	assert_string_equal(hmac_sha256_text((struct strv){key, 20}, STRV("Hi There"), text),
	    "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
	assert_string_equal(hmac_sha256_text(STRV("Jefe"), STRV("what do ya want for nothing?"), text),
	    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	memset(key, 0xaa, sizeof key);
	assert_string_equal(hmac_sha256_text((struct strv){key, sizeof key},
				STRV("Test Using Larger Than Block-Size Key - Hash Key First"), text),
	    "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

static void hash_of_files(void **state)
{
	char folder[] = "/tmp/tenantry-sha256-XXXXXX", path[64], text[SHA256_TEXT_SIZE],
	     whole[SHA256_TEXT_SIZE], *large;
	struct error err = {0};
	FILE *file;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/file", folder);
	assert_int_equal(sha256_file(path, text, &err), 0);
	assert_string_equal(text, "");
	file = fopen(path, "w");
	fclose(file);
	assert_int_equal(sha256_file(path, text, &err), 1);
	assert_string_equal(text, empty_hash);
	large = mem_zalloc(100001);
	memset(large, 'z', 100001);
	file = fopen(path, "w");
	assert_int_equal(fwrite(large, 1, 100001, file), 100001);
	fclose(file);
	assert_int_equal(sha256_file(path, text, &err), 1);
	assert_string_equal(text, sha256_text((struct strv){large, 100001}, whole));
	free(large);
	unlink(path);
	assert_int_equal(sha256_file(folder, text, &err), -1);
	assert_int_equal(err.code, ERR_SOURCE);
	assert_string_equal(err.source, folder);
	rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(hash_of_known_texts),
	    cmocka_unit_test(keyed_hash_of_known_texts),
	    cmocka_unit_test(hash_of_files),
	};

	return cmocka_run_group_tests_name("sha256", tests, NULL, NULL);
}
