//! Publishes frames: synthetic movies, recordings, cameras, standard input
