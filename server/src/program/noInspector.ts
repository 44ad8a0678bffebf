/* Node opens its debugger to every user of the machine when it gets SIGUSR1, which any script may send by mistake. A user who
   wants to debug starts the program with --inspect. */

process.on('SIGUSR1', () => undefined);
