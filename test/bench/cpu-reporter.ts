/** Loaded into a measured server: tells the benchmark how much CPU time and memory the process has taken, when asked. */
process.on('message', (message) => {
  if (message === 'cpu') process.send!(process.cpuUsage());
  if (message === 'memory') process.send!(process.resourceUsage().maxRSS * 1024);
});
// Without the benchmark nobody would stop this server.
process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
