#pragma once
#include <gtest/gtest.h>
#include "core/pch.h"
