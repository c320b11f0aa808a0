// CPU time of this process. Machines are shared: what others run beside a benchmark lengthens its wall time.

export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
