/*
 * Records what a process does to the files of one directory, in order: LD_PRELOAD=recorder.so
 *
 *   POWER_CUT_ROOT   the directory, absolute and without symbolic links
 *   POWER_CUT_MARKS  writes to this file become marks in the same stream
 *   POWER_CUT_TRACE  the records are appended to it; recording.ts reads them
 *
 * One lock is held across each call and its record, so the stream has the order in which the kernel saw the calls. SQLite's
 * -shm files are left out: they are memory that happens to have a name, made anew after every crash.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { MAX_FD = 4096 };

typedef enum {
  CREATE = 'c',
  MAKE_DIRECTORY = 'd',
  WRITE = 'w',
  TRUNCATE = 't',
  SYNC = 's',
  SYNC_DIRECTORY = 'e',
  RENAME = 'r',
  UNLINK = 'u',
  MARK = 'm',
} record_type;

/* Little-endian; `length` bytes follow: data, a mark, or paths relative to the root (two are separated by a NUL). */
typedef struct __attribute__((packed)) {
  uint32_t type;
  uint32_t length;
  uint64_t inode;
  uint64_t offset;
} record;

typedef enum { OTHER, FILE_FD, DIRECTORY_FD, MARKS_FD } fd_kind;
typedef struct {
  fd_kind kind;
  uint64_t inode;
  char *path;
} tracked;

static tracked fds[MAX_FD];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int trace = -1;
static const char *root, *marks;
static size_t root_length;

#define REAL(result, name, ...) \
  static result (*real_##name)(__VA_ARGS__); \
  if (real_##name == NULL) real_##name = dlsym(RTLD_NEXT, #name)

static void emit(record_type type, uint64_t inode, uint64_t offset, const void *data, size_t length) {
  REAL(ssize_t, writev, int, const struct iovec *, int);
  record head = {type, length, inode, offset};
  struct iovec parts[] = {{&head, sizeof head}, {(void *)data, length}};
  if (real_writev(trace, parts, 2) != (ssize_t)(sizeof head + length)) {
    perror("power-cut recorder");
    abort();
  }
}

__attribute__((constructor)) static void begin(void) {
  REAL(int, open64, const char *, int, ...);
  root = getenv("POWER_CUT_ROOT");
  marks = getenv("POWER_CUT_MARKS");
  root_length = strlen(root);
  trace = real_open64(getenv("POWER_CUT_TRACE"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (trace < 0) abort();
}

/* The path below the root ("" for the root itself), or NULL for what is not recorded. */
static const char *inside(const char *path) {
  if (path == NULL || root == NULL || strncmp(path, root, root_length) != 0) return NULL;
  if (path[root_length] == '\0') return path + root_length;
  if (path[root_length] != '/') return NULL;
  size_t length = strlen(path);
  if (length > 4 && strcmp(path + length - 4, "-shm") == 0) return NULL;
  return path + root_length + 1;
}

static void forget(int fd) {
  free(fds[fd].path);
  fds[fd] = (tracked){OTHER, 0, NULL};
}

static void opened(int fd, const char *path, int flags, int existed) {
  if (fd < 0 || fd >= MAX_FD) return;
  forget(fd);
  const char *name = inside(path);
  if (marks != NULL && strcmp(path, marks) == 0) fds[fd].kind = MARKS_FD;
  if (name == NULL) return;
  struct stat status;
  if (fstat(fd, &status) != 0) return;
  fds[fd] = (tracked){S_ISDIR(status.st_mode) ? DIRECTORY_FD : FILE_FD, status.st_ino, strdup(name)};
  if (!existed) emit(CREATE, status.st_ino, 0, name, strlen(name));
  else if (flags & O_TRUNC) emit(TRUNCATE, status.st_ino, 0, NULL, 0);
}

static fd_kind kind_of(int fd) { return fd >= 0 && fd < MAX_FD ? fds[fd].kind : OTHER; }

static void wrote(int fd, const void *data, ssize_t length, off_t offset) {
  if (length <= 0) return;
  if (kind_of(fd) == MARKS_FD) emit(MARK, 0, 0, data, length);
  if (kind_of(fd) == FILE_FD) emit(WRITE, fds[fd].inode, offset, data, length);
}

/* Where write() of so many bytes began. */
static off_t before(int fd, ssize_t length) { return lseek(fd, 0, SEEK_CUR) - (length > 0 ? length : 0); }

#define OPEN(name) \
  int name(const char *path, int flags, ...) { \
    REAL(int, name, const char *, int, ...); \
    mode_t mode = 0; \
    if (flags & (O_CREAT | O_TMPFILE)) { \
      va_list rest; \
      va_start(rest, flags); \
      mode = va_arg(rest, mode_t); \
      va_end(rest); \
    } \
    pthread_mutex_lock(&lock); \
    int existed = access(path, F_OK) == 0; \
    int fd = real_##name(path, flags, mode); \
    int error = errno; \
    opened(fd, path, flags, existed); \
    errno = error; \
    pthread_mutex_unlock(&lock); \
    return fd; \
  }
OPEN(open)
OPEN(open64)

int close(int fd) {
  REAL(int, close, int);
  pthread_mutex_lock(&lock);
  if (fd >= 0 && fd < MAX_FD) forget(fd);
  int result = real_close(fd);
  pthread_mutex_unlock(&lock);
  return result;
}

/* Runs `call` and, with the lock still held, records what it did; for descriptors that are not recorded, just the call. */
#define RECORDED(type, fd, call, note) \
  do { \
    if (kind_of(fd) == OTHER) return call; \
    pthread_mutex_lock(&lock); \
    type result = call; \
    int error = errno; \
    note; \
    errno = error; \
    pthread_mutex_unlock(&lock); \
    return result; \
  } while (0)

ssize_t write(int fd, const void *data, size_t length) {
  REAL(ssize_t, write, int, const void *, size_t);
  RECORDED(ssize_t, fd, real_write(fd, data, length), wrote(fd, data, result, before(fd, result)));
}

#define PWRITE(name, offset_type) \
  ssize_t name(int fd, const void *data, size_t length, offset_type offset) { \
    REAL(ssize_t, name, int, const void *, size_t, offset_type); \
    RECORDED(ssize_t, fd, real_##name(fd, data, length, offset), wrote(fd, data, result, offset)); \
  }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

static void synced(int fd, int result) {
  if (result != 0) return;
  if (kind_of(fd) == FILE_FD) emit(SYNC, fds[fd].inode, 0, NULL, 0);
  if (kind_of(fd) == DIRECTORY_FD) emit(SYNC_DIRECTORY, 0, 0, fds[fd].path, strlen(fds[fd].path));
}

int fsync(int fd) {
  REAL(int, fsync, int);
  RECORDED(int, fd, real_fsync(fd), synced(fd, result));
}

int fdatasync(int fd) {
  REAL(int, fdatasync, int);
  RECORDED(int, fd, real_fdatasync(fd), synced(fd, result));
}

#define FTRUNCATE(name, offset_type) \
  int name(int fd, offset_type length) { \
    REAL(int, name, int, offset_type); \
    RECORDED(int, fd, real_##name(fd, length), \
             if (result == 0 && kind_of(fd) == FILE_FD) emit(TRUNCATE, fds[fd].inode, length, NULL, 0)); \
  }
FTRUNCATE(ftruncate, off_t)
FTRUNCATE(ftruncate64, off64_t)

static void named(record_type type, int result, const char *path) {
  const char *name = inside(path);
  if (result == 0 && name != NULL) emit(type, 0, 0, name, strlen(name));
}

#define ON_PATH(type, name, ...) \
  pthread_mutex_lock(&lock); \
  int result = real_##name(__VA_ARGS__); \
  int error = errno; \
  named(type, result, path); \
  errno = error; \
  pthread_mutex_unlock(&lock); \
  return result

int unlink(const char *path) {
  REAL(int, unlink, const char *);
  ON_PATH(UNLINK, unlink, path);
}

int unlinkat(int directory, const char *path, int flags) {
  REAL(int, unlinkat, int, const char *, int);
  ON_PATH(UNLINK, unlinkat, directory, path, flags);
}

int remove(const char *path) {
  REAL(int, remove, const char *);
  ON_PATH(UNLINK, remove, path);
}

int mkdir(const char *path, mode_t mode) {
  REAL(int, mkdir, const char *, mode_t);
  ON_PATH(MAKE_DIRECTORY, mkdir, path, mode);
}

int rename(const char *from, const char *to) {
  REAL(int, rename, const char *, const char *);
  pthread_mutex_lock(&lock);
  int result = real_rename(from, to);
  int error = errno;
  const char *old = inside(from), *new = inside(to);
  if (result == 0 && old != NULL && new != NULL) {
    char names[8192];
    int length = snprintf(names, sizeof names, "%s%c%s", old, 0, new);
    emit(RENAME, 0, 0, names, length);
  }
  errno = error;
  pthread_mutex_unlock(&lock);
  return result;
}
