#pragma once
#include "core/pch.h"
#include <gtest/gtest.h>
