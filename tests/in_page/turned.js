// Wait for colours on their way: a button's takes 80 ms from light to dark, its words change at once.
() => Promise.allSettled(document.getAnimations().filter((one) => one instanceof CSSTransition).map((one) => one.finished))
