/* Nettle behind our own names; see sha256.h. */
#include "tenantry/sha256.h"

#include <errno.h>
#include <fcntl.h>
#include <nettle/hmac.h>
#include <nettle/sha2.h>
#include <unistd.h>

static const char *hex(const uint8_t bytes[SHA256_SIZE], char text[SHA256_TEXT_SIZE])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < SHA256_SIZE; i++) {
		text[2 * i] = digits[bytes[i] >> 4];
		text[2 * i + 1] = digits[bytes[i] & 15];
	}
	text[2 * SHA256_SIZE] = '\0';
	return text;
}

const char *sha256_text(struct strv bytes, char text[SHA256_TEXT_SIZE])
{
	struct sha256_ctx hash;
	uint8_t out[SHA256_SIZE];

	sha256_init(&hash);
	sha256_update(&hash, bytes.n, (const uint8_t *)bytes.p);
	sha256_digest(&hash, sizeof out, out);
	return hex(out, text);
}

const char *hmac_sha256_text(struct strv key, struct strv bytes, char text[SHA256_TEXT_SIZE])
{
	struct hmac_sha256_ctx hash;
	uint8_t out[SHA256_SIZE];

	hmac_sha256_set_key(&hash, key.n, (const uint8_t *)key.p);
	hmac_sha256_update(&hash, bytes.n, (const uint8_t *)bytes.p);
	hmac_sha256_digest(&hash, sizeof out, out);
	return hex(out, text);
}

int sha256_file(const char *path, char text[SHA256_TEXT_SIZE], struct error *err)
{
	struct sha256_ctx hash;
	uint8_t block[16384], out[SHA256_SIZE];
	ssize_t n;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	text[0] = '\0';
	if (fd < 0 && errno == ENOENT)
		return 0;
	sha256_init(&hash);
	while ((n = fd < 0 ? -1 : read(fd, block, sizeof block)) > 0)
		sha256_update(&hash, (size_t)n, block);
	if (n < 0) {
		error_set(err, ERR_SOURCE, "cannot read: %s", strerror(errno));
		error_place(err, path, 0, 0, NULL);
	} else {
		sha256_digest(&hash, sizeof out, out);
		hex(out, text);
	}
	if (fd >= 0)
		close(fd);
	return n < 0 ? -1 : 1;
}
