/* warehouse.h

   A warehouse whose shelf several processes fill and empty. clerks.c uses it; you write it, in
   warehouse.c. What each function must do is told in README.md.
*/
#ifndef WAREHOUSE_H
#define WAREHOUSE_H

#include <stdbool.h>

/* What lies on the shelf. Look at `quantity`, but leave changes to shelf_change(). */
struct shelf {
    long quantity;
    long before; /* For shelf_repair() */
    bool changing;
};

/* Given, in clerks.c: add to the quantity, or take away. This takes its time; until it has returned
   the quantity is nonsense. */
void shelf_change(struct shelf *shelf, long by);

/* Given, in clerks.c: make good what a process has left that died in shelf_change(): as if that had
   not been called. Does nothing if there is nothing to repair. */
void shelf_repair(struct shelf *shelf);

struct warehouse; /* What is in it is yours to say; a struct shelf, for one */

/* Called in the parent, before it has any children: a warehouse with an empty shelf. NULL: it
   cannot be made; errno tells why. */
struct warehouse *warehouse_make(void);

/* Called in the children: put so many on the shelf. False: failed. */
bool warehouse_put(struct warehouse *warehouse, long quantity);

/* Called in the children: wait until so many are there, and take them. False: failed. */
bool warehouse_take(struct warehouse *warehouse, long quantity);

/* Called in the children: how many are there now? -1: failed. */
long warehouse_look(struct warehouse *warehouse);

/* Called in the parent when no child is left: remove whatever warehouse_make() has made. */
void warehouse_destroy(struct warehouse *warehouse);

#endif
