// The health check of a node and of a relay: exits 0 if the file that live_file names was touched within thirty seconds. They touch it
// every ten while they do their work. A check by Node would cost more than the node.
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#define FRESH_S 30

int main(void) {
  const char *file = getenv("live_file");
  struct stat found;
  if (file == NULL || stat(file, &found) != 0) return 1;
  // One that lies further ahead was touched before the clock was set back.
  return labs(time(NULL) - found.st_mtime) <= FRESH_S ? 0 : 1;
}
