/** Why a request failed, without what a daemon does then: nobody asks again after a check. */
export function reasonOf({ message }: Error): string {
  return message
    .replace(/;[^;]* asked again later\.$/, '')
    .replace(/; check [^;]*$/, '')
    .replace(/\.$/, '');
}
