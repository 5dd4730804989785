/* A card that does not answer: while the file HANG_WHILE exists, fsync and fdatasync do not return. Loaded with LD_PRELOAD. */
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static void hang(void) {
  const char *file = getenv("HANG_WHILE");
  while (file != NULL && access(file, F_OK) == 0) usleep(20000);
}

int fsync(int fd) {
  hang();
  return (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd) {
  hang();
  return (int)syscall(SYS_fdatasync, fd);
}
