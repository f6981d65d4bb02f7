/* Adds FSYNC_DELAY_US microseconds to each flush: a virtual disk may answer in 0.09 ms what an honest one does in 1 ms. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

static void wait_flush(void) {
  static int us = -1;
  if (us < 0) {
    const char *set = getenv("FSYNC_DELAY_US");
    us = set == NULL ? 0 : atoi(set);
  }
  if (us > 0) usleep((useconds_t)us);
}

int fsync(int fd) {
  static int (*real)(int);
  if (real == NULL) real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  wait_flush();
  return real(fd);
}

int fdatasync(int fd) {
  static int (*real)(int);
  if (real == NULL) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  wait_flush();
  return real(fd);
}
