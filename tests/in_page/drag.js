// Let a file go over the window, as a drag from the desktop would.
({name, data}) => {
  const bytes = Uint8Array.from(atob(data), (one) => one.charCodeAt(0));
  const carried = new DataTransfer();
  carried.items.add(new File([bytes], name));
  const over = document.querySelector("#messages, #home") || document.body;
  for (const type of ["dragenter", "dragover", "drop"]) {
    over.dispatchEvent(new DragEvent(type, {bubbles: true, cancelable: true, dataTransfer: carried}));
  }
}
