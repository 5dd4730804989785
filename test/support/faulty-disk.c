/*
 * A card that fails on demand. While the file FAULTY_DISK exists, calls it names fail: it holds the call (fsync, write, read),
 * the errno (0: the write is cut short), `once` or `always`, the file meant (the end of its name, or # and its inode), and the
 * byte of it that a read or write has to touch (-1: any). Loaded with LD_PRELOAD.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static const int NO_FAULT = -1;

static int read_order(char *text, size_t size) {
  const char *path = getenv("FAULTY_DISK");
  if (path == NULL) return 0;
  int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  ssize_t length = syscall(SYS_read, fd, text, size - 1);
  syscall(SYS_close, fd);
  text[length > 0 ? length : 0] = '\0';
  return length > 0;
}

static int is_meant(const char *file, int fd) {
  char link[32], name[512];
  struct stat state;
  if (file[0] == '#') return fstat(fd, &state) == 0 && state.st_ino == strtoull(file + 1, NULL, 10);
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, name, sizeof name - 1);
  if (length < (ssize_t)strlen(file)) return 0;
  name[length] = '\0';
  return strcmp(name + length - strlen(file), file) == 0;
}

/* The errno with which this call has to fail, or NO_FAULT. */
static int fault_of(const char *call, int fd, off_t offset, size_t count) {
  char order[256], wanted[16], how[16], file[128];
  int error;
  long long byte;
  if (!read_order(order, sizeof order)) return NO_FAULT;
  if (sscanf(order, "%15s %d %15s %127s %lld", wanted, &error, how, file, &byte) != 5) return NO_FAULT;
  if (strcmp(wanted, call) != 0) return NO_FAULT;
  if (byte >= 0 && (byte < offset || byte >= offset + (off_t)count)) return NO_FAULT;
  if (!is_meant(file, fd)) return NO_FAULT;
  /* Whoever takes the order away executes it: once, whatever thread comes. */
  if (strcmp(how, "once") == 0 && unlink(getenv("FAULTY_DISK")) != 0) return NO_FAULT;
  return error;
}

static int sync_file(int fd, long number) {
  int error = fault_of("fsync", fd, 0, 0);
  if (error == NO_FAULT) return (int)syscall(number, fd);
  errno = error;
  return -1;
}

int fsync(int fd) { return sync_file(fd, SYS_fsync); }
int fdatasync(int fd) { return sync_file(fd, SYS_fdatasync); }

static ssize_t write_at(int fd, const void *bytes, size_t count, off_t offset) {
  int error = fault_of("write", fd, offset, count);
  if (error == NO_FAULT) return syscall(SYS_pwrite64, fd, bytes, count, offset);
  if (error == 0) return syscall(SYS_pwrite64, fd, bytes, (count + 1) / 2, offset);
  errno = error;
  return -1;
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset) { return write_at(fd, bytes, count, offset); }
ssize_t pwrite64(int fd, const void *bytes, size_t count, off_t offset) { return write_at(fd, bytes, count, offset); }

static ssize_t read_at(int fd, void *bytes, size_t count, off_t offset) {
  int error = fault_of("read", fd, offset, count);
  if (error == NO_FAULT) return syscall(SYS_pread64, fd, bytes, count, offset);
  errno = error;
  return -1;
}

ssize_t pread(int fd, void *bytes, size_t count, off_t offset) { return read_at(fd, bytes, count, offset); }
ssize_t pread64(int fd, void *bytes, size_t count, off_t offset) { return read_at(fd, bytes, count, offset); }
