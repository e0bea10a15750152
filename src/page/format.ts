/** How the page writes numbers and places. */
export function placeText(lon: number, lat: number, decimals = 4): string {
  const side = (value: number, plus: string, minus: string) =>
    `${Math.abs(value).toFixed(decimals)}° ${value < 0 ? minus : plus}`;
  return `${side(lat, 'N', 'S')}, ${side(lon, 'E', 'W')}`;
}

export function metresText(metres: number): string {
  if (metres >= 10_000) return `${(metres / 1000).toFixed(0)} km`;
  if (metres >= 1000) return `${(metres / 1000).toFixed(1)} km`;
  return `${metres.toFixed(metres < 10 ? 1 : 0)} m`;
}

export function timeText(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}

export function countText(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}
