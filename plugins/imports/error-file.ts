/** A line of a CSV file (RFC 4180). */
export function csvLine(cells: readonly string[]): Uint8Array {
  return Buffer.from(
    `${cells.map((cell) => (/[",\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')}\r\n`,
  );
}
