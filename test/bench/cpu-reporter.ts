/** Loaded into a measured server: tells the benchmark how much CPU time the process has taken, when asked. */
process.on('message', (message) => {
  if (message === 'cpu') process.send!(process.cpuUsage());
});
// Without the benchmark nobody would stop this server.
process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
