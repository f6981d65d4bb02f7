import { useEffect, useState } from 'react';

/** False for the first picture of whoever asks, true from the next: what can wait until then lets the first come sooner. */
export function usePictured(): boolean {
  const [pictured, setPictured] = useState(false);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    // A frame is asked for before its picture is drawn; what a timer set in it runs, comes after.
    const frame = requestAnimationFrame(() => {
      timer = setTimeout(() => setPictured(true));
    });
    return () => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
    };
  }, []);
  return pictured;
}
